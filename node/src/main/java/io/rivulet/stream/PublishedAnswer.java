package io.rivulet.stream;

import java.util.List;

/**
 * What is published of an answer.
 *
 * @param tokenIds from index 0 on, without gaps
 * @param ended whether the terminal event is there too
 */
record PublishedAnswer(List<Integer> tokenIds, boolean ended) {

  static final PublishedAnswer NOTHING = new PublishedAnswer(List.of(), false);

  PublishedAnswer {
    tokenIds = List.copyOf(tokenIds);
  }
}
