package io.sluice.gateway.cli;

import picocli.CommandLine.IVersionProvider;

/** The version that this build is of. */
final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() {
        String version = Version.class.getPackage().getImplementationVersion();
        return new String[] {"sluice " + (version == null ? "(from its classes)" : version)};
    }
}
