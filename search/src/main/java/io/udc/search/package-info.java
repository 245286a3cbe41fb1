/** The search as one piece: from a data set and budgets to a trained, encoded network. */
package io.udc.search;
