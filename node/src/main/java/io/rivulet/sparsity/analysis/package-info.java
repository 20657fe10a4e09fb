/**
 * Finds out what there is to know about a model's sparsity on a text, for the report. May depend on
 * the rest of {@code io.rivulet.sparsity} and what that may depend on.
 */
package io.rivulet.sparsity.analysis;
