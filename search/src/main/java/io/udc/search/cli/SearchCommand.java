package io.udc.search.cli;

import io.udc.search.Search;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code udc search}: the whole way from pictures to a bitstream. */
@Command(
        name = "search",
        mixinStandardHelpOptions = true,
        description = "Search, train and encode a network within limits on bytes, latency and SRAM.")
final class SearchCommand implements Callable<Integer> {

    private final Console console;

    @Mixin
    private RunSession session = new RunSession();

    SearchCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        return session.execute(console, (config, run, listener, cancellation) -> Search.builder(config)
                .optListener(listener)
                .optCancellation(cancellation)
                .build()
                .run(run));
    }
}
