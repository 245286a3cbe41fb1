/** What networks are searched and trained for: the data, losses and metrics behind the names of tasks. */
package io.udc.search.task;
