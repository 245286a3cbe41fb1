/** Where the tensors of a run live, and how a GPU repeats work on them. */
package io.udc.device;
