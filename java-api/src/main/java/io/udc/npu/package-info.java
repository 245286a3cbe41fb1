/** The NPU as Java sees it: layers to weight streams and back. */
package io.udc.npu;
