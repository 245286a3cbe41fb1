/** From probabilities to one network that keeps its budgets, and from there to a file that keeps them exactly. */
package io.udc.search.discrete;
