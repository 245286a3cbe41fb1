/** The folder that a run leaves behind: its configuration, log, checkpoints and results. */
package io.udc.search.run;
