/** The command line {@code udc}: reads arguments, calls the library, prints. */
package io.udc.search.cli;
