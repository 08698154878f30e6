package io.engagementwebhooks.operate;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Properties;

/**
 * Properties of the Java process that affect the product's safety.
 *
 * @param properties system properties
 * @param arguments arguments of the JVM
 */
public record JvmEnvironment(Properties properties, List<String> arguments) {

    static JvmEnvironment ofThisProcess() {
        return new JvmEnvironment(
                System.getProperties(), ManagementFactory.getRuntimeMXBean().getInputArguments());
    }

    public String property(String key) {
        return properties.getProperty(key, "");
    }
}
