package dev.rowmill.browser;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.options.ColorScheme;
import java.util.function.Consumer;

/** Defines the device, colour scheme and locale of a browser profile. */
enum Look {
  LIGHT(options -> options.setColorScheme(ColorScheme.LIGHT)),
  DARK(options -> options.setColorScheme(ColorScheme.DARK)),
  PHONE(
      options ->
          options
              .setViewportSize(360, 740)
              .setDeviceScaleFactor(2)
              .setIsMobile(true)
              .setHasTouch(true)),
  CHINESE(options -> options.setLocale("zh-CN"));

  private final Consumer<Browser.NewContextOptions> change;

  Look(Consumer<Browser.NewContextOptions> change) {
    this.change = change;
  }

  Browser.NewContextOptions options() {
    Browser.NewContextOptions options =
        new Browser.NewContextOptions()
            .setViewportSize(1280, 900)
            .setLocale("en-GB")
            .setTimezoneId("UTC")
            .setColorScheme(ColorScheme.LIGHT);
    change.accept(options);
    return options;
  }
}
