package io.udc.search.cli;

import io.udc.search.SearchEvent;
import io.udc.search.SearchEvent.EpochDone;
import io.udc.search.SearchEvent.Message;
import io.udc.search.SearchEvent.PhaseStarted;
import io.udc.search.SearchEvent.StepDone;
import io.udc.search.SearchListener;
import io.udc.units.ByteSize;
import io.udc.units.TimeSpan;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Shows a run's events: on a terminal a progress bar for each phase with epoch, loss, expected bytes and
 * the time that is left; elsewhere one line for each epoch. Not thread-safe.
 */
final class ProgressDisplay implements SearchListener, AutoCloseable {

    private static final int BAR_WIDTH = 110;
    private static final int REDRAW_MILLIS = 200;

    private final Console console;
    private ProgressBar bar;
    private int epochs;
    private String lastEpoch = "";

    ProgressDisplay(Console console) {
        this.console = console;
    }

    @Override
    public void on(SearchEvent event) {
        if (event instanceof PhaseStarted phase) {
            start(phase);
        } else if (event instanceof StepDone step) {
            step(step);
        } else if (event instanceof EpochDone epoch) {
            epoch(epoch);
        } else if (event instanceof Message message) {
            closeBar();
            console.line((message.level() == Message.Level.WARNING ? "udc: warning: " : "") + message.text());
        }
    }

    private void start(PhaseStarted phase) {
        closeBar();
        epochs = phase.epochs();
        lastEpoch = "";
        if (!console.interactive() && phase.epochs() > 0) {
            console.line(phase.phase() + ": " + phase.epochs() + (phase.epochs() == 1 ? " epoch" : " epochs"));
        }
    }

    private void step(StepDone step) {
        if (!console.interactive()) {
            return;
        }
        ProgressBar open = bar(step.phase(), step.steps());
        open.maxHint((long) epochs * step.steps());
        open.stepTo((step.epoch() - 1L) * step.steps() + step.step());
        open.setExtraMessage(String.format(
                Locale.ROOT, " epoch %d/%d loss %.3f%s", step.epoch(), epochs, step.loss(), lastEpoch));
    }

    private void epoch(EpochDone epoch) {
        String figures = figures(epoch);
        lastEpoch = figures;
        if (!console.interactive()) {
            double left = (epoch.epochs() - epoch.epoch()) * epoch.seconds();
            console.line(String.format(
                    Locale.ROOT, "%-10s epoch %3d/%d  loss %7.4f%s  %s, %s left", epoch.phase(), epoch.epoch(),
                    epoch.epochs(), epoch.loss(), figures, TimeSpan.display(epoch.seconds()),
                    TimeSpan.display(left)));
        } else if (epoch.epoch() == epoch.epochs()) {
            closeBar();
            console.line(String.format(Locale.ROOT, "%-10s %d epochs, loss %.4f%s", epoch.phase(), epoch.epochs(),
                    epoch.loss(), figures));
        }
    }

    private static String figures(EpochDone epoch) {
        return epoch.search() == null ? "" : "  expected " + ByteSize.display(epoch.search().expectedBytes());
    }

    private ProgressBar bar(String phase, int steps) {
        if (bar == null) {
            bar = new ProgressBarBuilder()
                    .setTaskName(phase)
                    .setInitialMax((long) epochs * steps)
                    .setUpdateIntervalMillis(REDRAW_MILLIS)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUnit("", 1)
                    .setSpeedUnit(ChronoUnit.SECONDS)
                    .setConsumer(new ConsoleProgressBarConsumer(console.err(), BAR_WIDTH))
                    .build();
        }
        return bar;
    }

    private void closeBar() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }

    @Override
    public void close() {
        closeBar();
    }
}
