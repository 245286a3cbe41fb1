/**
 * Many runs as one: searches at several budgets that share their warm-up, a grid of uniform networks of the same
 * sizes, and the front that they make.
 */
package io.udc.search.sweep;
