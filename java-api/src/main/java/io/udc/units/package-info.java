/** Sizes and times as people write them: {@code 64KiB}, {@code 5ms}. */
package io.udc.units;
