package io.engagementwebhooks.operate;

import io.engagementwebhooks.api.VersionView;
import io.engagementwebhooks.ledger.BundledFile;
import io.engagementwebhooks.store.jdbc.Migrations;
import java.util.Properties;

/** The product's version and what it was built from, set by the build. */
public final class Version {

    private static final Properties BUILD = BundledFile.properties("/io/engagementwebhooks/build.properties");

    /** Such as {@code 0.1.0}. */
    public static final String TEXT = BUILD.getProperty("version");

    private Version() {}

    /** The build, with the version of Camel that it was compiled with. */
    static VersionView ofBuild() {
        return running(BUILD.getProperty("camel"));
    }

    /** @param camel the version of Camel that runs: another application may bring its own */
    static VersionView running(String camel) {
        return new VersionView(TEXT, BUILD.getProperty("commit"), Migrations.schema(), camel);
    }
}
