package io.swoole.spring.autoconfigure;

import java.io.IOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

import org.springframework.boot.json.JsonParserFactory;
import org.springframework.core.io.UrlResource;

/**
 * The metadata which the build has generated for this module.
 */
final class ConfigurationMetadata {

	private ConfigurationMetadata() {
	}

	/** The properties, each as it is in the file. */
	@SuppressWarnings("unchecked")
	static List<Map<String, Object>> properties() {
		URL classes = SwooleServerProperties.class.getProtectionDomain().getCodeSource().getLocation();
		try {
			URL metadata = new URL(classes, "META-INF/spring-configuration-metadata.json");
			String json = new UrlResource(metadata).getContentAsString(StandardCharsets.UTF_8);
			return (List<Map<String, Object>>) JsonParserFactory.getJsonParser().parseMap(json).get("properties");
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
