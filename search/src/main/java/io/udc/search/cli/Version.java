package io.udc.search.cli;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** The version of this build, from the jar. */
public final class Version implements IVersionProvider {

    /** Such as {@code 0.1.0}; {@code development} outside a jar. */
    public static String current() {
        return Objects.requireNonNullElse(Version.class.getPackage().getImplementationVersion(), "development");
    }

    @Override
    public String[] getVersion() {
        return new String[] {"udc " + current()};
    }
}
