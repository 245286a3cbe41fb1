package io.udc.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.InputException;
import io.udc.search.Search;
import io.udc.search.run.Result;
import io.udc.search.run.RunDirectory;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BudgetTest {

    private static final Pattern LEAST = Pattern.compile("expected at least (\\d+) bytes");

    /** Many more runs on demand: {@code -Dudc.test.budgets=24}. */
    private static final int RUNS = Integer.getInteger("udc.test.budgets", 4);

    @TempDir
    private Path folder;

    @Test
    void oddBudgetsAreNeverBrokenAndUsedUp() {
        double use = 0;
        long budget = 0;
        for (int run = 0; run < RUNS; run++) {
            // Odd values, some a byte below what a network of this space has just reached.
            budget = run % 3 == 1 ? budget - 1 : 1801 + 577L * run % 6000;
            Result result = search(budget, 100 + run);
            assertTrue(result.encodedBytes() <= budget, result.encodedBytes() + " bytes of " + budget);
            use += (double) result.encodedBytes() / budget / RUNS;
            System.out.printf(Locale.ROOT, "budget %d, seed %d: %d bytes%n", budget, 100 + run, result.encodedBytes());
            budget = result.encodedBytes();
        }
        System.out.printf(Locale.ROOT, "mean use of %d budgets: %.2f%%%n", RUNS, 100 * use);
        assertTrue(use >= 0.97, "mean use " + use);
    }

    @Test
    void theLeastReachableBudgetIsKeptAndAByteLessIsRefused() {
        InputException refused = assertThrows(InputException.class, () -> search(1, 1));
        Matcher least = LEAST.matcher(refused.getMessage());
        assertTrue(least.find(), refused.getMessage());
        long bytes = Long.parseLong(least.group(1));

        assertTrue(search(bytes, 1).encodedBytes() <= bytes);
        InputException below = assertThrows(InputException.class, () -> search(bytes - 1, 1));
        assertEquals(refused.getMessage().replace("found 1 ", "found " + (bytes - 1) + " "), below.getMessage());
    }

    private Result search(long budgetBytes, long seed) {
        RunDirectory directory =
                RunDirectory.open(folder.resolve(budgetBytes + "-" + seed), RunDirectory.Mode.NEW);
        return Search.builder(TinySearch.config(budgetBytes + "B", seed)
                        .set("search.searchEpochs", "1")
                        .build())
                .build()
                .run(directory);
    }
}
