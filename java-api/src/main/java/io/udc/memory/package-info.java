/** Who owns native memory, and until when. */
package io.udc.memory;
