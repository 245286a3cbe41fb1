/** Strict JSON: every error names the file and the field, the value found and the value expected. */
package io.udc.json;
