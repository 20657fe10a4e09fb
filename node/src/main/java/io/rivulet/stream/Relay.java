package io.rivulet.stream;

import java.util.Optional;

/**
 * Hands on to the publisher of the session that is under way. Between two sessions nothing is
 * published: the attempts of the one before are abandoned.
 */
final class Relay implements Publisher {

  private volatile Optional<Publisher> current = Optional.empty();

  void to(Publisher publisher) {
    current = Optional.of(publisher);
  }

  @Override
  public void publish(Publication publication) {
    current.ifPresent(publisher -> publisher.publish(publication));
  }
}
