/**
 * What {@code analyze} found out about models, as records and as one HTML page with plots in SVG:
 * sparsity against performance, predictivity, and affinity to hardware, the three aspects of
 * arXiv:2402.03804. May depend on {@code io.rivulet.sparsity} and {@code io.rivulet.model}.
 */
package io.rivulet.sparsity.report;
