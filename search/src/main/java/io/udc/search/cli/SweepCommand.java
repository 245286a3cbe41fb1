package io.udc.search.cli;

import io.udc.InputException;
import io.udc.search.sweep.SweepPlan;
import io.udc.search.sweep.UniformGrid;
import io.udc.units.ByteSize;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code udc sweep}. */
@Command(
        name = "sweep",
        description = {
            "Search at several budgets after one shared warm-up, and draw the front.",
            "With --grid, uniform networks of the same sizes are trained by the same recipe, for as many epochs as a",
            "search and its training. Run it again with --resume to go on, or with more budgets or seeds to add them."
        },
        mixinStandardHelpOptions = true)
final class SweepCommand implements Callable<Integer> {

    private final Console console;

    @Option(names = "--budgets", split = ",", paramLabel = "SIZE",
            description = "Limits of the encoded bytes, such as 32KiB,64KiB,128KiB.")
    private List<ByteSize> budgets;

    @Option(names = "--seeds", split = ",", paramLabel = "N", description = "Seeds of the runs (default: --seed).")
    private List<Long> seeds;

    @Option(names = "--grid", arity = "0..1", fallbackValue = UniformGrid.FULL, paramLabel = "BITSxSPARSITIES",
            description = "Uniform networks to compare with (alone: " + UniformGrid.FULL + "), several such with a + "
                    + "between, as in 8x0+4x0.75.")
    private UniformGrid grid;

    @Option(names = "--search", negatable = true, fallbackValue = "true",
            description = "Search for networks (default); --no-search trains the uniform ones alone.")
    private Boolean searched;

    @Mixin
    private SweepSession session = new SweepSession();

    SweepCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        return session.execute(console, (config, before) -> {
            if (budgets == null && before == null) {
                throw new InputException("--budgets: found none, expected sizes such as 32KiB,64KiB,128KiB");
            }
            return new SweepPlan(
                    budgets != null ? budgets : before.budgets(),
                    seeds != null ? seeds : before != null ? before.seeds() : List.of(config.seed()),
                    searched != null ? searched : before == null || before.searched(),
                    grid != null ? grid : before != null ? before.grid() : UniformGrid.NONE);
        });
    }
}
