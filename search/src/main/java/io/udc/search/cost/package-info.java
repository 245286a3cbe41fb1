/**
 * What a network costs: one file a cost. Costs are made of one figure for each layer, multilinear in the decisions'
 * probabilities, so that a sum's expected value is exact; and each has an exact value for one network of the space.
 */
package io.udc.search.cost;
