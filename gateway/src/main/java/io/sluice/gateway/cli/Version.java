package io.sluice.gateway.cli;

import picocli.CommandLine.IVersionProvider;

/** The version that this build is of. */
final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() {
        return new String[] {"sluice " + text()};
    }

    static String text() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "(from its classes)" : version;
    }
}
