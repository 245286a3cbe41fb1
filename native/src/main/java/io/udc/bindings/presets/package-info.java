/** JavaCPP mapping rules, one class a native library: the only hand-written sources of this module. */
package io.udc.bindings.presets;
