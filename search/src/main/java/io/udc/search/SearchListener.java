package io.udc.search;

/** Receives a run's events, on the run's thread and in their order. An exception ends the run. */
@FunctionalInterface
public interface SearchListener {

    void on(SearchEvent event);

    /** This listener, then another. */
    default SearchListener andThen(SearchListener next) {
        return event -> {
            on(event);
            next.on(event);
        };
    }

    /** Ignores every event. */
    static SearchListener silent() {
        return event -> {};
    }
}
