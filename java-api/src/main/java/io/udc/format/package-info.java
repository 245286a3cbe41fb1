/** Tensor files (safetensors) and the .udc model file, written atomically and read strictly. */
package io.udc.format;
