/** Where metrics and traces are sent by OTLP. May depend on nothing else of ours. */
package io.rivulet.otlp;
