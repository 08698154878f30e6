package io.engagementwebhooks.operate;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Properties;

/**
 * The Java process the product runs in, as far as its safety hangs on it.
 *
 * @param properties system properties
 * @param arguments what the Java machine was started with
 */
record JvmEnvironment(Properties properties, List<String> arguments) {

    static JvmEnvironment ofThisProcess() {
        return new JvmEnvironment(
                System.getProperties(), ManagementFactory.getRuntimeMXBean().getInputArguments());
    }

    String property(String key) {
        return properties.getProperty(key, "");
    }
}
