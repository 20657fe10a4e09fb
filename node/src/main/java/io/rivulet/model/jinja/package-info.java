/**
 * Templates in the Jinja language, as far as chat templates use it: what Python's jinja2 does in a
 * sandbox, with {@code trim_blocks}, {@code lstrip_blocks} and loop controls, and without files. A
 * template is not trusted: it reaches nothing but the values it is given, and steps, output and
 * nesting are counted against {@link io.rivulet.model.jinja.Limits}, so that whatever it holds, it
 * ends soon and in little memory. Depends on nothing.
 */
package io.rivulet.model.jinja;
