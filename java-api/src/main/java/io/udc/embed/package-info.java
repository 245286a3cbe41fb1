/** The executor of the C API for embedding (native/c-api), as Java calls it. */
package io.udc.embed;
