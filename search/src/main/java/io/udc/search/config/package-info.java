/** The values of a run: built-in presets, what a file and what flags change in them, checked as a whole. */
package io.udc.search.config;
