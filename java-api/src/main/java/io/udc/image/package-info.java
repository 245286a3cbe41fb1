/** 8-bit pictures in memory and their files, decoded and encoded by OpenCV. */
package io.udc.image;
