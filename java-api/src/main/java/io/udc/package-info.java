/** UDC for the JVM: what every part shares. */
package io.udc;
