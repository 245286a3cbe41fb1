/**
 * What a search may choose from. {@link io.udc.search.space.SearchSpace} is the JSON file that a user writes;
 * {@link io.udc.search.space.SpaceGraph} is the same thing unrolled into decisions and layers, from which the
 * supernet, the cost models and the solver are built. No native library is used here.
 */
package io.udc.search.space;
