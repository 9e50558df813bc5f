#include <gtest/gtest.h>

#include "tests/casesim/service.hpp"
#include "tests/casesim/test_support.hpp"

namespace rollcall::casesim {
namespace {

class ServiceTest : public LedgerTest {
 protected:
  http::Request post(const json& body) {
    http::Request request;
    request.method = "POST";
    request.params["site"] = site;
    request.headers["content-type"] = "application/json";
    request.headers["idempotency-key"] = '"' + body.value("batch", "") + '"';
    request.body = body.dump();
    return request;
  }
  http::Request get(std::map<std::string, std::string> query) {
    http::Request request;
    request.method = "GET";
    request.params["site"] = site;
    request.query = std::move(query);
    return request;
  }
  // The problem's name; checks media type, status and shape.
  std::string refused(const http::Response& response, unsigned status) {
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(response.content_type, "application/problem+json");
    const json body = json::parse(response.body);
    EXPECT_EQ(schemas().fault("problem.json", body), std::nullopt) << response.body;
    EXPECT_EQ(body["status"], status);
    return body["type"].get<std::string>().substr(std::string("urn:rollcall:problem:").size());
  }

  Roster roster_;
  Faults faults_{{}, 1};
  Service service_{*ledger_, roster_, faults_};
};

TEST_F(ServiceTest, ABatchGetsItsReceipt) {
  const auto response = service_.post_batch(post(batch_of(1, 1, 2)));
  EXPECT_EQ(response.status, 200u);
  EXPECT_EQ(schemas().fault("receipt.json", json::parse(response.body)), std::nullopt);
}

TEST_F(ServiceTest, TheKeyIsAQuotedUuid) {
  const std::string bare = uuid('b', 1);
  for (const std::string& key : {std::string(), std::string("x"), std::string("\"\""), bare}) {
    auto request = post(batch_of(1, 1, 2));
    request.headers["idempotency-key"] = key;
    EXPECT_EQ(refused(service_.post_batch(request), 400), "key-missing") << key;
  }
  auto request = post(batch_of(1, 1, 2));
  request.headers["idempotency-key"] = '"' + uuid('b', 2) + '"';
  EXPECT_EQ(refused(service_.post_batch(request), 400), "malformed") << "not the batch's id";
}

TEST_F(ServiceTest, BodiesAreJsonPlainOrGzip) {
  auto request = post(batch_of(1, 1, 2));
  request.headers["content-type"] = "text/plain";
  EXPECT_EQ(refused(service_.post_batch(request), 415), "unsupported");
  request = post(batch_of(1, 1, 2));
  request.headers["content-encoding"] = "br";
  EXPECT_EQ(refused(service_.post_batch(request), 415), "unsupported");
  request.headers["content-encoding"] = "gzip";
  EXPECT_EQ(refused(service_.post_batch(request), 400), "malformed");
  request.body.assign(max_body_sent + 1, ' ');
  EXPECT_EQ(refused(service_.post_batch(request), 413), "too-large");
}

TEST_F(ServiceTest, RefusalsCarryTheirStatus) {
  EXPECT_EQ(refused(service_.post_batch(post(batch_of(1, 5, 6))), 409), "gap");
  service_.post_batch(post(batch_of(2, 1, 2)));
  EXPECT_EQ(refused(service_.post_batch(post(batch(3, {event(2, 22)}))), 409), "fork");
  EXPECT_EQ(refused(service_.post_batch(post(batch_of(2, 1, 1))), 422), "key-reused");
}

TEST_F(ServiceTest, PagesAskForNumbersInTheirRange) {
  EXPECT_EQ(service_.get_events(get({{"epoch", epoch_a}})).status, 200u);
  EXPECT_EQ(refused(service_.get_events(get({})), 400), "malformed");
  for (const char* limit : {"0", "1001", "x", "-1", "1 "}) {
    EXPECT_EQ(refused(service_.get_events(get({{"epoch", epoch_a}, {"limit", limit}})), 400),
              "malformed");
    EXPECT_EQ(refused(service_.get_roster(get({{"limit", limit}})), 400), "malformed");
  }
  EXPECT_EQ(refused(service_.get_roster(get({{"after", "r-7"}})), 410), "cursor-expired");
  EXPECT_EQ(service_.get_roster(get({})).status, 200u);
  EXPECT_EQ(service_.get_state(get({})).status, 200u);
}

}  // namespace
}  // namespace rollcall::casesim
