/**
 * A harness that breaks what a deployment is made of, and checks what a reader of its topics got: a
 * broker and nodes as processes, links between them that can be cut, a schedule of faults drawn
 * from a seed, a workload, and a verifier that knows the right answers. It may use all of the
 * product; nothing of the product uses it.
 */
package io.rivulet.faults;
