package io.udc.search.doctor;

/**
 * One thing that was looked at.
 *
 * @param section the group that it belongs to
 * @param name what was looked for
 * @param status whether it is as it should be
 * @param found what was found, in one line
 * @param advice what to do; empty if nothing is to do
 */
public record Finding(String section, String name, Status status, String found, String advice) {

    /** How a thing was found. */
    public enum Status {
        /** There, and usable. */
        OK,
        /** Not there, and only needed for what {@code advice} says. */
        ABSENT,
        /** The program cannot work like this. */
        BROKEN
    }

    static Finding ok(String section, String name, String found) {
        return new Finding(section, name, Status.OK, found, "");
    }

    static Finding absent(String section, String name, String found, String advice) {
        return new Finding(section, name, Status.ABSENT, found, advice);
    }

    static Finding broken(String section, String name, String found, String advice) {
        return new Finding(section, name, Status.BROKEN, found, advice);
    }
}
