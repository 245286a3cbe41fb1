package io.udc.search.cli;

/** How the process ends. */
final class ExitCode {

    static final int DONE = 0;
    static final int FAILED = 1;
    static final int INPUT = 2;
    /** By Ctrl-C, as shells count it: 128 + SIGINT. */
    static final int INTERRUPTED = 130;

    private ExitCode() {}
}
