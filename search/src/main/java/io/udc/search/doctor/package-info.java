/** Looks at the machine: what the program needs, what is there, and what to do about the rest. */
package io.udc.search.doctor;
