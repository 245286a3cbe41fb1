/** Where the tensors of a run live. */
package io.udc.device;
