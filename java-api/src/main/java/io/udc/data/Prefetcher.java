package io.udc.data;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;

/**
 * Makes numbered items on background threads and hands them out in order. At most {@code ahead} items are
 * under way or ready at any time. What was made but never handed out is closed by the next {@link #start} or
 * by {@link #close}; an exception of a maker reaches the consumer in the place of its item.
 *
 * <p>One consumer at a time: not thread-safe.
 *
 * @param <T> an item; the consumer owns and closes it
 */
public final class Prefetcher<T extends Prefetcher.Item> implements AutoCloseable {

    private final int ahead;
    private final ExecutorService workers;
    private final WaitClock clock = new WaitClock();
    private Run current;

    /** Something that holds memory until it is closed. */
    public interface Item extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Makes one item.
     *
     * @param <T> the item
     */
    @FunctionalInterface
    public interface Maker<T> {

        /**
         * Called on a background thread.
         *
         * @param number 0 to count - 1
         * @param unwanted turns true when nobody waits for the item any more; the maker may then throw
         *     anything
         */
        T make(int number, BooleanSupplier unwanted);
    }

    /**
     * Starts the threads.
     *
     * @param threads at least 1
     * @param ahead at least 1
     */
    public Prefetcher(int threads, int ahead) {
        if (threads < 1 || ahead < 1) {
            throw new IllegalArgumentException(
                    "threads and prefetch: found " + threads + " and " + ahead + ", expected at least 1");
        }
        this.ahead = ahead;
        workers = Executors.newFixedThreadPool(threads, Prefetcher::daemon);
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "udc-prefetch");
        thread.setDaemon(true);
        return thread;
    }

    /** Ends the run before and starts making items 0 to count - 1. */
    public Iterator<T> start(int count, Maker<T> maker) {
        endRun();
        current = new Run(count, maker);
        return current;
    }

    /** Share of the consumer's time, 0 to 1, that it waited in {@code next()}; over all runs so far. */
    public double waitShare() {
        return clock.share();
    }

    /** Frees what nobody received and stops the threads. */
    @Override
    public void close() {
        endRun();
        workers.shutdownNow();
    }

    private void endRun() {
        if (current != null) {
            current.end();
            current = null;
        }
    }

    private final class Run implements Iterator<T> {

        private final int count;
        private final Maker<T> maker;
        private final Deque<Future<T>> pending = new ArrayDeque<>();
        private int submitted;
        private volatile boolean ended;

        Run(int count, Maker<T> maker) {
            this.count = count;
            this.maker = maker;
            clock.resume();
            fill();
        }

        private void fill() {
            while (pending.size() < ahead && submitted < count) {
                int number = submitted++;
                pending.add(workers.submit(() -> {
                    if (ended) {
                        throw new CancellationException();
                    }
                    return maker.make(number, () -> ended);
                }));
            }
        }

        @Override
        public boolean hasNext() {
            clock.seen();
            return !pending.isEmpty();
        }

        @Override
        public T next() {
            if (pending.isEmpty()) {
                throw new NoSuchElementException();
            }
            clock.waitBegins();
            try {
                T item = pending.remove().get();
                fill();
                return item;
            } catch (ExecutionException e) {
                throw rethrown(e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CancellationException("interrupted while waiting for a batch");
            } finally {
                clock.waitEnds();
            }
        }

        private RuntimeException rethrown(Throwable cause) {
            end();
            if (cause instanceof Error error) {
                throw error;
            }
            return cause instanceof RuntimeException runtime ? runtime : new IllegalStateException(cause);
        }

        /** Waits for the items under way and frees them. */
        void end() {
            ended = true;
            clock.pause();
            for (Future<T> future : pending) {
                try {
                    future.get().close();
                } catch (ExecutionException e) {
                    continue; // nothing was made, and nobody asked for it
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    break;
                }
            }
            pending.clear();
        }
    }
}
