/**
 * What a network costs: one file a cost. Each cost is a multilinear function of the decisions' probabilities, so
 * that its expected value is exact, and has an exact value for one network of the space.
 */
package io.udc.search.cost;
