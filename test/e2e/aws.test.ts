import { capacityContract } from "../contract/capacity.contract.ts";
import { interruptionFeedContract, priceListContract } from "../contract/readings.contract.ts";
import { aGroup, launchIn, overTheWire } from "./aws/wired.ts";

await overTheWire(({ aws, makeGroup, portsOf }) => {
  const instanceTypes = ["g6.xlarge"];

  capacityContract("of Auto Scaling", async () => {
    const group = await makeGroup({ instanceTypes });
    aws.lackCapacity({ zone: "us-east-1b", remaining: 2 });
    aws.lackCapacity({ zone: "us-east-1c" });
    const { capacityReader: reader, capacityWriter: writer } = portsOf([group]);
    return { reader, writer, group: group.name, settle: () => aws.settle() };
  });

  priceListContract("of the Pricing API and the Spot price history", () => {
    aws.setPrices({
      onDemand: { "g6.xlarge": "0.8048000000" },
      spot: { "g6.xlarge/us-east-1a": "0.281700", "g6.xlarge/us-east-1b": "0.301200" },
    });
    return portsOf([aGroup({ name: "spot", instanceTypes, capacityType: "spot" })]).priceList;
  });

  interruptionFeedContract("of EC2", async () => {
    const group = await makeGroup({ instanceTypes, capacityType: "spot" });
    const ports = portsOf([group]);
    const [instanceId = ""] = await launchIn(ports, group, 1);
    return {
      feed: ports.interruptionFeed,
      instanceId,
      announce: () => aws.announceInterruption(instanceId),
      take: () => aws.takeInstance(group.name, instanceId),
    };
  });
});
