/** A run as one self-contained page: charts as inline SVG, no scripts, nothing loaded from elsewhere. */
package io.udc.search.report;
