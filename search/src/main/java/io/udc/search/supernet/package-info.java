/**
 * The shared-weight network that holds every network of a space, and the loop that searches it. One pass over one
 * set of weights serves all options (UDC, arXiv 2201.05842, section 3); only operators that truly differ run side
 * by side.
 */
package io.udc.search.supernet;
