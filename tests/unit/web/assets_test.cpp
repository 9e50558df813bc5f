#include "hal/host/web/assets.hpp"

#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/console/web/assets.hpp"
#include "firmware/simulator/web/assets.hpp"
#include "tests/unit/http/http_fixture.hpp"

namespace rollcall::web {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const Asset& find(std::span<const Asset> page, std::string_view path) {
  for (const Asset& asset : page) {
    if (asset.path == path) return asset;
  }
  ADD_FAILURE() << "no asset " << path;
  return page.front();
}

class Pages : public ::testing::TestWithParam<std::span<const Asset>> {};

TEST_P(Pages, AreWholeAndOfAKnownType) {
  std::set<std::string_view> paths;
  for (const Asset& asset : GetParam()) {
    EXPECT_TRUE(paths.insert(asset.path).second) << asset.path << " is there twice";
    EXPECT_THAT(asset.path, StartsWith("/"));
    EXPECT_FALSE(asset.body.empty()) << asset.path;
    EXPECT_EQ(asset.etag.size(), 2u + 64u) << asset.path;
  }
  EXPECT_THAT(find(GetParam(), "/").body, StartsWith("<!doctype html>"));
  EXPECT_EQ(find(GetParam(), "/lib/preact.js").content_type, "text/javascript; charset=utf-8");
}

// Whatever a page's policy would block must not be in it.
TEST_P(Pages, HoldNothingInlineAndNothingFromElsewhere) {
  const std::string_view html = find(GetParam(), "/").body;
  EXPECT_THAT(html, Not(HasSubstr("<style")));
  EXPECT_THAT(html, Not(HasSubstr("style=")));
  EXPECT_THAT(html, Not(HasSubstr("//")));
  std::size_t at = 0;
  while ((at = html.find("<script", at)) != std::string_view::npos) {
    EXPECT_THAT(html.substr(at, html.find("</script>", at) - at), HasSubstr(" src=\"/"));
    ++at;
  }
}

INSTANTIATE_TEST_SUITE_P(All, Pages, ::testing::Values(console::page(), firmware::simulator_page()),
                         [](const auto& each) { return each.index == 0 ? "Console" : "Terminal"; });

class Served : public ::testing::Test {
 protected:
  Served() {
    add_assets(router_, console::page());
    reactor_.on_reactor([&] {
      server_ = std::make_unique<http::Server>(reactor_.io().get_executor(), router_,
                                               http::Limits{}, security_headers());
      port_ = server_->listen_tcp("127.0.0.1", 0).value();
    });
  }
  ~Served() override {
    reactor_.on_reactor([&] { server_.reset(); });
  }

  http::Response get(const std::string& path, http::Headers headers = {}) {
    return http::request_tcp("127.0.0.1", port_,
                             http::Request{"GET", path, {}, {}, std::move(headers), ""}, 5s)
        .value();
  }

  test::Reactor reactor_;
  http::Router router_;
  std::unique_ptr<http::Server> server_;
  unsigned short port_ = 0;
};

TEST_F(Served, APageComesWithItsTypeAndThePolicyThatGuardsIt) {
  const http::Response page = get("/");
  EXPECT_EQ(page.status, 200u);
  EXPECT_EQ(page.body, find(console::page(), "/").body);
  EXPECT_EQ(page.headers.at("Content-Type"), "text/html; charset=utf-8");
  EXPECT_THAT(page.headers.at("Content-Security-Policy"), StartsWith("default-src 'none'"));
  EXPECT_THAT(page.headers.at("Content-Security-Policy"), Not(HasSubstr("unsafe")));
  EXPECT_EQ(page.headers.at("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(page.headers.at("Referrer-Policy"), "no-referrer");
}

TEST(SecurityHeaders, PicturesComeFromTheServersNamed) {
  const std::string from[] = {"http://127.0.0.1:8491/", "https://kiosk.example/door?x=1",
                              "http://[::1]:80"};
  EXPECT_THAT(security_headers(from).at("Content-Security-Policy"),
              HasSubstr("img-src 'self' http://127.0.0.1:8491 https://kiosk.example "
                        "http://[::1]:80; connect-src 'self';"));
  EXPECT_THAT(security_headers().at("Content-Security-Policy"), HasSubstr("img-src 'self';"));
}

TEST_F(Served, TheSameBytesAreNotSentTwice) {
  const http::Response first = get("/console.js");
  const http::Response again = get("/console.js", {{"If-None-Match", first.headers.at("ETag")}});
  EXPECT_EQ(again.status, 304u);
  EXPECT_TRUE(again.body.empty());
  EXPECT_EQ(get("/console.js", {{"If-None-Match", "\"other\""}}).status, 200u);
}

}  // namespace
}  // namespace rollcall::web
