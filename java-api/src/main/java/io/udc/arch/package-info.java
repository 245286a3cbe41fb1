/**
 * The architecture of a network: which layers, how wide, how many bits and how sparse. Plain data without any
 * native library behind it; {@code architecture.json} is its JSON form.
 */
package io.udc.arch;
