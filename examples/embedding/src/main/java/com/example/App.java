package com.example;

import io.engagementwebhooks.EngagementWebhooks;
import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import org.apache.camel.main.Main;

/** A Camel application with Engagement Webhooks in it. Its routes are in {@code camel/} on the class path, as Camel has them. */
public final class App {

    private App() {}

    public static void main(String[] arguments) throws Exception {
        create(properties()).run(arguments);
    }

    static Main create(Properties properties) {
        Main main = new Main(App.class);
        EngagementWebhooks.embed(main, properties);
        return main;
    }

    static Properties properties() throws IOException {
        Properties properties = new Properties();
        try (InputStream in = App.class.getResourceAsStream("/application.properties")) {
            properties.load(in);
        }
        return properties;
    }
}
