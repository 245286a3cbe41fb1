/** End-to-end tests: whole commands, as a user meets them. */
package io.udc.tests;
