package io.udc.search.bench;

import io.udc.search.CancelledException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;

/**
 * Runs loops one at a time, each in a thread of its own: one that passes goes on when all others have passed or ended.
 * What is compared so sees the same machine, however much that changes in between. If a loop fails, the others end at
 * their next turn.
 */
final class Turns {

    private final List<Player> players = new ArrayList<>();
    private volatile Throwable failure;

    private final class Player extends Thread {

        final Runnable loop;
        final Semaphore turn = new Semaphore(0);
        volatile boolean ended;

        Player(Runnable loop) {
            super("udc-bench-" + players.size());
            this.loop = loop;
        }

        @Override
        public void run() {
            turn.acquireUninterruptibly();
            try {
                if (failure == null) {
                    loop.run();
                }
            } catch (Throwable thrown) {
                failure = failure == null ? thrown : failure;
            }
            ended = true;
            next(this).ifPresent(player -> player.turn.release());
        }
    }

    /**
     * Runs all loops to their ends, beginning with the first.
     *
     * @throws RuntimeException what the first loop that failed threw
     */
    void run(List<Runnable> loops) {
        loops.forEach(loop -> players.add(new Player(loop)));
        players.forEach(Thread::start);
        players.get(0).turn.release();
        try {
            for (Player player : players) {
                player.join();
            }
        } catch (InterruptedException e) {
            failure = failure == null ? e : failure;
            Thread.currentThread().interrupt();
        }
        throwFailure();
    }

    /**
     * Called by a loop between two of its steps; returns when it is its turn again.
     *
     * @throws CancelledException if another loop has failed
     */
    void pass() {
        Player player = (Player) Thread.currentThread();
        next(player).ifPresent(other -> {
            other.turn.release();
            player.turn.acquireUninterruptibly();
        });
        if (failure != null) {
            throw new CancelledException();
        }
    }

    /** The first one behind this player, all around, that has not ended. */
    private Optional<Player> next(Player player) {
        int place = players.indexOf(player);
        return Stream.concat(players.stream().skip(place + 1), players.stream().limit(place))
                .filter(other -> !other.ended)
                .findFirst();
    }

    private void throwFailure() {
        if (failure instanceof Error error) {
            throw error;
        } else if (failure instanceof RuntimeException exception) {
            throw exception;
        } else if (failure != null) {
            throw new IllegalStateException(failure);
        }
    }
}
