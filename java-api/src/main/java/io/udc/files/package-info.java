/** Writing files so that a reader, or a run that goes on later, never meets half of one. */
package io.udc.files;
