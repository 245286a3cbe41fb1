/** What can be said of a trained, encoded network from its file alone: layers, sizes, cost and accuracy. */
package io.udc.search.model;
