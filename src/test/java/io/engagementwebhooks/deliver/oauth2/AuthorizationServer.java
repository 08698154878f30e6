package io.engagementwebhooks.deliver.oauth2;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import io.engagementwebhooks.testkit.TestKeys;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServlet;
import java.io.File;
import java.net.URI;
import java.security.KeyPair;
import java.security.interfaces.RSAPublicKey;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.server.authorization.client.InMemoryRegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.config.annotation.web.configurers.OAuth2AuthorizationServerConfigurer;
import org.springframework.security.oauth2.server.authorization.settings.AuthorizationServerSettings;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.context.support.AnnotationConfigWebApplicationContext;

/** Spring Authorization Server on loopback, with the clients given. */
final class AuthorizationServer implements AutoCloseable {

    private final Tomcat tomcat = new Tomcat();
    private final AnnotationConfigWebApplicationContext spring = new AnnotationConfigWebApplicationContext();

    /** @param connector changes the connector; the port is a free one in any case */
    AuthorizationServer(File folder, UnaryOperator<Connector> connector, RegisteredClient... clients) {
        spring.register(Security.class);
        spring.addBeanFactoryPostProcessor(
                beans -> beans.registerSingleton("clients", new InMemoryRegisteredClientRepository(List.of(clients))));
        spring.refresh();
        tomcat.setBaseDir(folder.getPath());
        Connector listening = connector.apply(new Connector());
        listening.setPort(0);
        listening.setProperty("address", "127.0.0.1");
        tomcat.setConnector(listening);
        Context context = tomcat.addContext("", folder.getPath());
        // RFC 6749 appendix B, and the default of Spring Boot; Tomcat's default is ISO-8859-1
        context.setRequestCharacterEncoding("UTF-8");
        // filters run only where a servlet is mapped
        Tomcat.addServlet(context, "nothing", new HttpServlet() {});
        context.addServletMappingDecoded("/", "nothing");
        FilterDef security = new FilterDef();
        security.setFilterName("security");
        security.setFilter(spring.getBean("springSecurityFilterChain", Filter.class));
        context.addFilterDef(security);
        FilterMap everything = new FilterMap();
        everything.setFilterName("security");
        everything.addURLPattern("/*");
        context.addFilterMap(everything);
        try {
            tomcat.start();
        } catch (LifecycleException e) {
            throw new IllegalStateException(e);
        }
    }

    static RegisteredClient.Builder client(String id) {
        return RegisteredClient.withId(id)
                .clientId(id)
                .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
                .scope("calls:write");
    }

    URI issuer() {
        Connector listening = tomcat.getConnector();
        return URI.create(listening.getScheme() + "://localhost:" + listening.getLocalPort());
    }

    URI tokenUrl() {
        return issuer().resolve("/oauth2/token");
    }

    @Override
    public void close() throws LifecycleException {
        tomcat.stop();
        tomcat.destroy();
        spring.close();
    }

    @Configuration
    @EnableWebSecurity
    static class Security {

        @Bean
        SecurityFilterChain endpoints(HttpSecurity http) throws Exception {
            OAuth2AuthorizationServerConfigurer server = OAuth2AuthorizationServerConfigurer.authorizationServer();
            return http.securityMatcher(server.getEndpointsMatcher())
                    .with(server, Customizer.withDefaults())
                    .authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
                    .build();
        }

        @Bean
        JWKSource<SecurityContext> keys() {
            KeyPair pair = TestKeys.rsa(2048);
            return new ImmutableJWKSet<>(new JWKSet(new RSAKey.Builder((RSAPublicKey) pair.getPublic())
                    .privateKey(pair.getPrivate())
                    .keyID("server")
                    .build()));
        }

        @Bean
        AuthorizationServerSettings settings() {
            return AuthorizationServerSettings.builder().build();
        }
    }
}
